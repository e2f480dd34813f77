"""What a search tells: its summary, status, report, drawings and plots, and whether its result is more than chance.

Everything here reads the store and changes nothing; nothing is imported before it is used:

    from netwright.insight.summary import summarise        # the JSON object of a search
    from netwright.insight.status import status            # where it stands
    from netwright.insight.report import write_report      # one self-contained HTML file
    from netwright.insight.drawing import draw             # one network as SVG
"""
