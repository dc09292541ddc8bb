using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Parameters of their own on the CPU, trained and not initialised.</summary>
internal sealed class FreshParameters : IParameterSource
{
    /// <summary>The only one: it remembers nothing.</summary>
    public static FreshParameters Instance { get; } = new();

    /// <inheritdoc />
    public StoredMatrix Matrix(string name, long rows, long columns) => new(new Parameter(empty(rows, columns)));

    /// <inheritdoc />
    public Parameter Vector(string name, long size) => new(empty(size));

    /// <inheritdoc />
    public LowRankPair? PairOf(string module) => null;
}
