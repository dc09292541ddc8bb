using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Hands parameters on, and remembers the matrices by their names.</summary>
internal sealed class MatrixList(IParameterSource source) : IParameterSource
{
    private readonly Dictionary<string, StoredMatrix> _matrices = [];

    /// <summary>The matrices that modules have asked for, in that order.</summary>
    public IReadOnlyDictionary<string, StoredMatrix> Matrices => _matrices;

    /// <inheritdoc />
    public StoredMatrix Matrix(string name, long rows, long columns)
    {
        StoredMatrix matrix = source.Matrix(name, rows, columns);
        _matrices.Add(name, matrix);
        return matrix;
    }

    /// <inheritdoc />
    public Parameter Vector(string name, long size) => source.Vector(name, size);

    /// <inheritdoc />
    public LowRankPair? PairOf(string module) => source.PairOf(module);
}
