"""Forecasts of the next candles of crypto pairs and stocks: the domain, free of Ray and Gradio."""
