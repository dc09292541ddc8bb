namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss in a mixture.</summary>
/// <param name="Weight">How much it counts; 0 leaves it out.</param>
/// <param name="Loss">The loss.</param>
internal sealed record MixPart(double Weight, PreferenceLoss Loss);
