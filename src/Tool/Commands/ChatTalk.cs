using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>A talk with a model. What it says is written while it comes, and cannot command the terminal.</summary>
/// <param name="model">The model.</param>
/// <param name="reference">What it came from; <see langword="null"/> for none.</param>
/// <param name="systemMessage">The system's message; <see langword="null"/> for none.</param>
/// <param name="console">What is written to.</param>
internal sealed class ChatTalk(IChatClient model, IChatClient? reference, string? systemMessage, ToolConsole console) : IDisposable
{
    /// <summary>What a person can type besides questions.</summary>
    public const string Commands = "/reference shows both answers, /reset begins anew, /exit ends";

    /// <summary>Shows what the reference says to the last question.</summary>
    public const string Both = "/reference";

    private readonly List<ChatMessage> _messages = systemMessage is null ? [] : [new ChatMessage(ChatRole.System, systemMessage)];

    public void Dispose()
    {
        model.Dispose();
        reference?.Dispose();
    }

    /// <summary>Answers a line.</summary>
    /// <returns>Whether the talk goes on.</returns>
    public async Task<bool> SayAsync(string line, CancellationToken stop)
    {
        switch (line.Trim())
        {
            case "":
                return true;
            case "/exit":
                return false;
            case "/reset":
                _messages.RemoveAll(message => message.Role != ChatRole.System);
                console.Line("begun anew");
                return true;
            case Both:
                await CompareAsync(stop);
                return true;
            case ['/', ..] unknown:
                console.Line($"{unknown} is no command; {Commands}");
                return true;
        }
        _messages.Add(new ChatMessage(ChatRole.User, line));
        string answer = await AnswerAsync(model, "answer", _messages, stop);
        _messages.Add(new ChatMessage(ChatRole.Assistant, answer));
        return true;
    }

    private async Task CompareAsync(CancellationToken stop)
    {
        if (reference is null)
        {
            console.Line("there is no reference; --reference-model MODEL names one");
            return;
        }
        if (_messages is not [.. var before, { } last] || last.Role != ChatRole.Assistant)
        {
            console.Line("nothing was asked yet");
            return;
        }
        console.Line("model:");
        console.Line(last.Text);
        console.Line("reference:");
        await AnswerAsync(reference, "reference", before, stop);
    }

    private async Task<string> AnswerAsync(IChatClient client, string kind, IEnumerable<ChatMessage> messages, CancellationToken stop)
    {
        StringBuilder answer = new(), thoughts = new();
        ChatFinishReason? reason = null;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages, cancellationToken: stop))
        {
            reason = update.FinishReason ?? reason;
            foreach (AIContent content in update.Contents)
            {
                string text = content switch
                {
                    TextReasoningContent thought => thought.Text,
                    TextContent said => said.Text,
                    _ => "",
                };
                (content is TextReasoningContent ? thoughts : answer).Append(text);
                if (!console.IsJson)
                    console.Output.Write(text);
            }
            await console.Output.FlushAsync(stop);
        }
        console.Line();
        if (reason == ChatFinishReason.Length)
            console.Line("(cut: max-new-tokens)");
        console.Event(kind, new JsonObject
        {
            ["text"] = answer.ToString(), ["thoughts"] = thoughts.Length == 0 ? null : thoughts.ToString(), ["finish_reason"] = reason?.Value,
        });
        return answer.ToString();
    }
}
