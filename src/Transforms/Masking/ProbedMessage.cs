namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Where a message's content stands in a probed conversation, in symbols.</summary>
/// <param name="Role">The message's letter.</param>
/// <param name="Index">Its place among the messages, also of those that the template left out.</param>
/// <param name="Start">Where its content starts.</param>
/// <param name="End">Where its content ends.</param>
/// <param name="AnswerStart">Where the response starts: at the content, or where the template's generation mark starts.</param>
/// <param name="AnswerEnd">Where the response ends: with the content, or where the template's generation mark ends.</param>
/// <param name="IsMarked">Whether a generation mark holds the content.</param>
internal readonly record struct ProbedMessage(char Role, int Index, int Start, int End, int AnswerStart, int AnswerEnd, bool IsMarked);
