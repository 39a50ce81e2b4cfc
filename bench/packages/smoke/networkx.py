"""The shortest way through a graph."""

import networkx

graph = networkx.Graph()
graph.add_weighted_edges_from([("a", "b", 1), ("b", "c", 2), ("a", "c", 9)])
assert networkx.shortest_path(graph, "a", "c", weight="weight") == ["a", "b", "c"]
assert networkx.number_connected_components(graph) == 1
