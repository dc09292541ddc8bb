using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Parameters made of another network's.</summary>
/// <param name="origin">The other network.</param>
/// <param name="matrix">What becomes of a matrix, by its name.</param>
/// <param name="vector">What becomes of a normalisation's weight, by its name.</param>
/// <param name="adapter">The new network's adapter, if it has one.</param>
internal sealed class DerivedParameters(
    MiniMindNetwork origin, Func<string, StoredMatrix, StoredMatrix> matrix, Func<string, Parameter, Parameter> vector, LowRankAdapter? adapter = null)
        : IParameterSource
{
    private readonly Dictionary<string, Parameter> _parameters = origin.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);

    /// <inheritdoc />
    public StoredMatrix Matrix(string name, long rows, long columns) => matrix(name, origin.Matrices[name]);

    /// <inheritdoc />
    public Parameter Vector(string name, long size) => vector(name, _parameters[name]);

    /// <inheritdoc />
    public LowRankPair? PairOf(string module) => adapter?.Pairs.GetValueOrDefault(module);
}
