"""What may come from outside is anything at all: is it read rightly, or refused in one clear line?"""
