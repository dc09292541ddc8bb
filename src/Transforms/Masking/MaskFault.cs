namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Why masks by a template's answers would be wrong.</summary>
/// <param name="Sentence">What was found, and the ways out.</param>
internal sealed record MaskFault(string Sentence)
{
    private const string WaysOut =
        $" Ways out: {{% generation %}} marks in the template around what the model writes; {nameof(MaskResponsesSettings.ResponseStart)} and " +
        $"{nameof(MaskResponsesSettings.ResponseEnd)}, the texts between which an answer stands; or " +
            $"{nameof(ResponseMaskRule)}.{nameof(ResponseMaskRule.HeaderPattern)}, if the model is written to as MiniMind is.";

    /// <summary>The reason where a template writes no answer.</summary>
    public const string NoAnswer = "it writes no content of an assistant's message that follows a user's, given as text";

    /// <summary>A fault of the template itself.</summary>
    public static MaskFault Because(string reason) => new($"The chat template does not show where an assistant's answers start and end: {reason}.{WaysOut}");

    /// <summary>A wrong mask.</summary>
    public static MaskFault Of(Probe probe, string held, string due) =>
        new($"The chat template does not tell the assistant's answers from other text. In a trial conversation ({probe}) the mask holds {held}, and should " +
            $"hold {due}.{WaysOut}");

    /// <summary>A wrong mask by the user's own texts.</summary>
    public static MaskFault OfTexts(Probe probe, string what) =>
        new($"{nameof(MaskResponsesSettings.ResponseStart)} and {nameof(MaskResponsesSettings.ResponseEnd)} do not tell the assistant's answers. In a trial " +
            $"conversation ({probe}) {what}.");
}
