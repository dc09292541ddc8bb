namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>What a batch computed of rows that follow each other.</summary>
/// <param name="Results">A batch's <see cref="IRowBatch.Results"/>.</param>
/// <param name="Count">How many rows.</param>
internal sealed record ComputedGroup(object Results, int Count);
