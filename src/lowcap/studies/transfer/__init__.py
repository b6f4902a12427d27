"""Do the first paper's claims travel to other data and to convolutional networks (2507.16278)?"""
