namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Where a message's content stands in a probed conversation, in symbols, without white space around it.</summary>
/// <param name="Role">The message's letter.</param>
/// <param name="Index">Its place among the messages, also of those that the template left out.</param>
/// <param name="Start">Where its content starts.</param>
/// <param name="End">Where its content ends.</param>
internal readonly record struct ProbedMessage(char Role, int Index, int Start, int End)
{
    /// <summary>Whether it is the assistant's.</summary>
    public bool IsAnswer => ProbeMessages.IsAnswer(Role);
}
