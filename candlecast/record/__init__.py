"""What came of the forecasts: settled, graded beside baselines, checked, watched for drift."""
