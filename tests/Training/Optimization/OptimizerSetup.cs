using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

/// <summary>One set of settings for every kind of optimizer, as ours and as TorchSharp's.</summary>
internal static class OptimizerSetup
{
    public const double WeightDecay = 0.1;
    public const double Momentum = 0.9;
    public const double Alpha = 0.95;
    public const double Beta1 = 0.9;
    public const double Beta2 = 0.999;
    public const double Epsilon = 1e-2; // large enough that its place in the formula shows

    public static IOptimizer Ours(OptimizerKind kind, FlatParameters parameters, bool? fused = null) => kind switch
    {
        OptimizerKind.AdamW => new Dpo.Training.Optimization.AdamW(
            parameters, new AdamWOptions { Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon, WeightDecay = WeightDecay }, fused),
        OptimizerKind.Sgd => new Sgd(parameters, new SgdOptions { WeightDecay = WeightDecay }, fused),
        OptimizerKind.SgdWithMomentum => new Sgd(parameters, new SgdOptions { WeightDecay = WeightDecay, Momentum = Momentum }, fused),
        OptimizerKind.RmsProp => new RmsProp(parameters, new RmsPropOptions { Alpha = Alpha, Epsilon = Epsilon, WeightDecay = WeightDecay }, fused),
        OptimizerKind.RmsPropWithMomentum => new RmsProp(
            parameters, new RmsPropOptions { Alpha = Alpha, Epsilon = Epsilon, WeightDecay = WeightDecay, Momentum = Momentum }, fused),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static torch.optim.Optimizer TorchSharps(OptimizerKind kind, IEnumerable<Parameter> parameters) => kind switch
    {
        OptimizerKind.AdamW => torch.optim.AdamW(parameters, 1.0, Beta1, Beta2, Epsilon, WeightDecay),
        OptimizerKind.Sgd => torch.optim.SGD(parameters, 1.0, weight_decay: WeightDecay),
        OptimizerKind.SgdWithMomentum => torch.optim.SGD(parameters, 1.0, momentum: Momentum, weight_decay: WeightDecay),
        OptimizerKind.RmsProp => torch.optim.RMSProp(parameters, 1.0, Alpha, Epsilon, WeightDecay),
        OptimizerKind.RmsPropWithMomentum => torch.optim.RMSProp(parameters, 1.0, Alpha, Epsilon, WeightDecay, Momentum),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
