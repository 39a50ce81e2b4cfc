"""A model learns and predicts."""

from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

features, classes = load_iris(return_X_y=True)
train, test, train_classes, test_classes = train_test_split(features, classes, random_state=1)
assert LogisticRegression(max_iter=500).fit(train, train_classes).score(test, test_classes) > 0.9
assert RandomForestClassifier(20, random_state=1).fit(train, train_classes).score(test, test_classes) > 0.9
assert len(set(KMeans(3, n_init=3, random_state=1).fit_predict(features))) == 3
