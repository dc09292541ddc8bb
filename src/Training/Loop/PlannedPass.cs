namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>A forward pass of a step.</summary>
/// <param name="Examples">Its examples.</param>
/// <param name="Divisor">What the sum of their losses is divided by.</param>
internal readonly record struct PlannedPass(int[] Examples, double Divisor);
