"""All pairs of classes: does a task's difficulty tell how many hidden units it needs?"""
