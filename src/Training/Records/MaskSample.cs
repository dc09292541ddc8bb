namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A row of the training data as the model sees it: an item of <c>masks.json</c>.</summary>
/// <param name="Line">The line of its file; 0 where unknown.</param>
/// <param name="Sides">Its conversations.</param>
internal sealed record MaskSample(long Line, IReadOnlyList<MaskSide> Sides)
{
    public const string FileName = "masks.json";
}
