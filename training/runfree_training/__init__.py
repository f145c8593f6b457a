"""From public repositories to a trained model: corpus, labels, dataset, training, evaluation, export."""
