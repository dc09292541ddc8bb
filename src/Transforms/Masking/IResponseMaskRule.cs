namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Says which tokens of a conversation are the response that is trained on.</summary>
/// <remarks>Rules are pure and thread-safe.</remarks>
internal interface IResponseMaskRule
{
    /// <summary>Writes the mask of one sequence.</summary>
    /// <param name="ids">The conversation's tokens.</param>
    /// <param name="mask">As many numbers: 1 on response tokens, 0 elsewhere. All are written.</param>
    /// <param name="answers">Where given, the answers in their order are added to it.</param>
    void Mask(ReadOnlySpan<int> ids, Span<float> mask, ICollection<MaskedAnswer>? answers = null);
}
