"""The canary: strings planted in sealed rows, and everything that is driven while they are watched for."""
