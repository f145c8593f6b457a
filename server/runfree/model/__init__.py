"""Features, ONNX session and calibration: a case becomes a prediction."""
