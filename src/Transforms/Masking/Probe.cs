namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>A conversation that a template is tried on.</summary>
/// <param name="Roles">One letter for each message, as <see cref="ProbeMessages"/> has them.</param>
/// <param name="AddGenerationPrompt">Whether a generation prompt ends it.</param>
/// <param name="HasTools">Whether tools are offered.</param>
/// <param name="Padding">Which white space stands around the contents; 0 for none.</param>
internal sealed record Probe(string Roles, bool AddGenerationPrompt = false, bool HasTools = false, int Padding = 0)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(", ", Roles.Select(ProbeMessages.NameOf)) + (HasTools ? ", with tools" : "") + (
            Padding > 0 ? ", with white space around the contents" : "") +
        (AddGenerationPrompt ? ", with a generation prompt" : "");
}
