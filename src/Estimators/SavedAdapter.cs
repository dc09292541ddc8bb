using MiniMind.MLNet.Dpo.Modeling.Adapters;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What a model file says of an adapter whose matrices are in an entry of it.</summary>
/// <param name="Config">What it is.</param>
/// <param name="Alphas">The alphas of its linear layers by their names.</param>
internal sealed record SavedAdapter(AdapterConfig Config, Dictionary<string, double> Alphas);
