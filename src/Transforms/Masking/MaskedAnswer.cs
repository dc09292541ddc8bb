namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>One answer in a sequence, in tokens.</summary>
/// <param name="Start">Its first token in the mask.</param>
/// <param name="End">Behind its last token in the mask.</param>
/// <param name="IsLast">Whether no other message follows in the sequence.</param>
internal readonly record struct MaskedAnswer(int Start, int End, bool IsLast);
