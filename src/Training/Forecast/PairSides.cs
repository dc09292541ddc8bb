namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>What a policy gives a held-out pair.</summary>
/// <param name="Margin">The reward margin.</param>
/// <param name="Chosen">The chosen side's log-probability, nats, reduced as in training.</param>
/// <param name="Tokens">Counted tokens of the chosen side.</param>
/// <param name="Weight">How much the pair counts.</param>
internal readonly record struct PairSides(double Margin, double Chosen, double Tokens, double Weight = 1);
