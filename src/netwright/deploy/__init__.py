"""From a trained network to something to ship, each step checked before it counts.

Nothing here is imported before it is used:

    from netwright.deploy.network import Network          # load a network and predict
    from netwright.deploy.weights import save_network     # safetensors and architecture.json
    from netwright.deploy.export import export            # ONNX or torch.export, compared with the network
    from netwright.deploy.card import model_card          # what was made, how good it is, how to load it
"""
