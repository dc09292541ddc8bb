using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo;

/// <summary>Which optimizer steps the weights, and how.</summary>
public sealed class OptimizerOptions
{
    private readonly Func<FlatParameters, IOptimizer> _create;

    private OptimizerOptions(
        string name, string description, bool decayNorms, IEnumerable<KeyValuePair<string, object>> parameters, Func<FlatParameters, IOptimizer> create) =>
        (Name, Description, DecayNorms, Parameters, _create) =
            (name, description, decayNorms, new Dictionary<string, object>(parameters) { [nameof(decayNorms)] = decayNorms }, create);

    /// <summary>The name of the method that made them, such as <c>AdamW</c>.</summary>
    public string Name { get; }

    /// <summary>What that method was given, by the names of its parameters: numbers (<see langword="double"/>) and switches (<see langword="bool"/>). The same
    /// method makes the same optimizer of them.</summary>
    public IReadOnlyDictionary<string, object> Parameters { get; }

    /// <summary>Name and numbers, as run records show them.</summary>
    public string Description { get; }

    internal bool DecayNorms { get; }

    /// <summary>AdamW with decoupled weight decay (Loshchilov and Hutter 2017, arXiv 1711.05101); defaults are torch's, which MiniMind uses.</summary>
    /// <param name="beta1">How much of the mean gradient is kept per step.</param>
    /// <param name="beta2">How much of the mean squared gradient is kept per step.</param>
    /// <param name="epsilon">Keeps the denominator from zero.</param>
    /// <param name="weightDecay">The share of the weights that a step with learning rate 1 would take away.</param>
    /// <param name="decayNorms">Whether the weights of norms decay too, as in torch and MiniMind.</param>
    /// <exception cref="ArgumentException">A value cannot be used; the message lists every such value.</exception>
    public static OptimizerOptions AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01, bool decayNorms = true)
    {
        AdamWOptions options = new() { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay };
        options.Validate();
        return new(
            nameof(AdamW), $"{InvariantText.Of(options)}, decay norms: {decayNorms}", decayNorms,
            [new(nameof(beta1), beta1), new(nameof(beta2), beta2), new(nameof(epsilon), epsilon), new(nameof(weightDecay), weightDecay)],
            parameters => new AdamW(parameters, options));
    }

    /// <summary>RMSprop, which the DPO paper used; defaults are torch's.</summary>
    /// <param name="alpha">How much of the mean squared gradient is kept per step.</param>
    /// <param name="epsilon">Keeps the denominator from zero.</param>
    /// <param name="momentum">How much of the last step is kept.</param>
    /// <param name="weightDecay">The factor of the weights that is added to their gradients.</param>
    /// <param name="decayNorms">Whether the weights of norms decay too.</param>
    /// <exception cref="ArgumentException">A value cannot be used; the message lists every such value.</exception>
    public static OptimizerOptions RmsProp(double alpha = 0.99, double epsilon = 1e-8, double momentum = 0, double weightDecay = 0, bool decayNorms = true)
    {
        RmsPropOptions options = new() { Alpha = alpha, Epsilon = epsilon, Momentum = momentum, WeightDecay = weightDecay };
        options.Validate();
        return new(
            nameof(RmsProp), $"{InvariantText.Of(options)}, decay norms: {decayNorms}", decayNorms,
            [new(nameof(alpha), alpha), new(nameof(epsilon), epsilon), new(nameof(momentum), momentum), new(nameof(weightDecay), weightDecay)],
            parameters => new RmsProp(parameters, options));
    }

    /// <summary>Stochastic gradient descent; defaults are torch's.</summary>
    /// <param name="momentum">How much of the last step is kept.</param>
    /// <param name="weightDecay">The factor of the weights that is added to their gradients.</param>
    /// <param name="decayNorms">Whether the weights of norms decay too.</param>
    /// <exception cref="ArgumentException">A value cannot be used; the message lists every such value.</exception>
    public static OptimizerOptions Sgd(double momentum = 0, double weightDecay = 0, bool decayNorms = true)
    {
        SgdOptions options = new() { Momentum = momentum, WeightDecay = weightDecay };
        options.Validate();
        return new(
            nameof(Sgd), $"{InvariantText.Of(options)}, decay norms: {decayNorms}", decayNorms,
            [new(nameof(momentum), momentum), new(nameof(weightDecay), weightDecay)], parameters => new Sgd(parameters, options));
    }

    internal IOptimizer Create(FlatParameters parameters) => _create(parameters);
}
