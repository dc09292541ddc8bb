using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Where the modules of a new network get their parameters from.</summary>
internal interface IParameterSource
{
    /// <summary>A matrix, (rows, columns); the module takes it over.</summary>
    /// <param name="name">Its name in a checkpoint.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    StoredMatrix Matrix(string name, long rows, long columns);

    /// <summary>The weight of a normalisation, (size), fp32; the module takes it over.</summary>
    Parameter Vector(string name, long size);

    /// <summary>What an adapter adds to a linear layer, by the layer's name; it stays the adapter's.</summary>
    LowRankPair? PairOf(string module);
}
