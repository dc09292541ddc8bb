using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>A request for an answer in a conversation.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">How the answer is made.</param>
/// <param name="Form">How it is given.</param>
internal sealed record ChatCall(IReadOnlyList<ChatMessage> Messages, ChatOptions Options, AnswerForm Form);
