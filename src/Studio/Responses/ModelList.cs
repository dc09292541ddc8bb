namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>All models that are served.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelCard> Data);
