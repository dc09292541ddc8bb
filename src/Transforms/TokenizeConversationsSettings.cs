namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>What decides a conversation's tokens besides the tokenizer, as it is saved.</summary>
internal sealed record TokenizeConversationsSettings(ColumnPair[] Columns, int MaxLength, TruncationPolicy Truncation);
