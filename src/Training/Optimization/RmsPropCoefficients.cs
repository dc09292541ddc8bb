namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>The numbers of one RMSprop step, rounded once.</summary>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="GradientScale">The factor of all gradients.</param>
/// <param name="WeightDecay">The factor of the weights that is added to their gradients.</param>
/// <param name="Alpha">How much of the mean square is kept.</param>
/// <param name="SquareShare">What a gradient's square adds to the mean square.</param>
/// <param name="Epsilon">Keeps the denominator from zero.</param>
/// <param name="Momentum">How much of the last step is kept.</param>
internal readonly record struct RmsPropCoefficients(
    float LearningRate, float GradientScale, float WeightDecay, float Alpha, float SquareShare, float Epsilon, float Momentum);
