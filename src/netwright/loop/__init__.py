"""The search as a whole: its settings, its plan, its phases, and the ask-evaluate-record-tell loop that runs them.

Read `loop` (the loop), then `search` (the phases), `plan` (the budget) and `finalists` (who is trained further).
"""
