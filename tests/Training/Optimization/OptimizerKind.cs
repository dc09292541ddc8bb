namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

/// <summary>The optimizers under test, each with and without what it can do besides.</summary>
public enum OptimizerKind
{
    AdamW,
    Sgd,
    SgdWithMomentum,
    RmsProp,
    RmsPropWithMomentum,
}
