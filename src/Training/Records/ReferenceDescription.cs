namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The frozen reference, as run records show it.</summary>
/// <param name="Mode">Whether it runs in every step or ran once.</param>
/// <param name="Sha256">SHA-256 of its weights: of the <c>model.safetensors</c> that saving it in fp32 gives.</param>
internal sealed record ReferenceDescription(string Mode, string Sha256);
