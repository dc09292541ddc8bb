using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>A request for what goes on with a text.</summary>
/// <param name="Prompt">The text.</param>
/// <param name="Echoes">Whether it is given back before what goes on with it.</param>
/// <param name="Options">How that is made.</param>
/// <param name="Form">How it is given.</param>
internal sealed record CompletionCall(string Prompt, bool Echoes, ChatOptions Options, AnswerForm Form);
