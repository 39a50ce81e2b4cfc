"""From source trees and wheels to the packed blob of resources."""
