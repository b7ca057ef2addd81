"""What is known of the source: its address, what it says, what an account may do there."""
