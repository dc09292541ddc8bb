using MiniMind.MLNet.Dpo.Weights.Families;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The tensors of a file under the names of a model's parameters: wrappers' prefixes gone, fused tensors split into views.</summary>
internal static class CheckpointTensors
{
    /// <summary>All tensors; nothing is copied.</summary>
    /// <param name="source">The file.</param>
    /// <param name="shapes">The model's parameters, by which fused projections are split; <see langword="null"/> to leave them.</param>
    /// <exception cref="WeightFileException">A tensor is there twice, under names that mean the same.</exception>
    public static IReadOnlyDictionary<string, WeightView> Of(IWeightSource source, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        IReadOnlyDictionary<string, WeightView> tensors = FusedExperts.Split(WrapperPrefixes.Strip(source), source.Path);
        return shapes is null ? tensors : FusedProjections.Split(tensors, shapes, source.Path);
    }
}
