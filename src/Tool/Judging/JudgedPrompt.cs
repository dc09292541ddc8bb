using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>What two models answer.</summary>
/// <param name="Line">The line of the data.</param>
/// <param name="Text">The prompt as a judge reads it: what the user says; of a longer conversation every message behind its role.</param>
/// <param name="Messages">The prompt as models read it.</param>
internal sealed record JudgedPrompt(long Line, string Text, IReadOnlyList<ChatMessage> Messages);
