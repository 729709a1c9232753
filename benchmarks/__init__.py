"""Side by side with peers, as ratios; never part of the test run."""
