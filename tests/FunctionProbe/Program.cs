using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.FunctionProbe;
using MiniMind.MLNet.Dpo.Tests.Generation;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

// arguments: a file with the question (JSON), and where to write the answer
Question question = JsonSerializer.Deserialize<Question>(File.ReadAllBytes(args[0]))!;
SmallModel.TokenizerFolder = question.TokenizerFolder;
ChatTemplate template = question.TokenizerConfig is { } file ? ChatTemplate.FromTokenizerConfig(File.ReadAllText(file)) : ToolTemplates.Hermes;
TurnsModel model = new(question.Answers);
AIFunction price = AIFunctionFactory.Create((string bread) => bread == "rye" ? 4 : 3, "price", "The price of a bread.");
AIFunction opening = AIFunctionFactory.Create(() => "from six", "opening", "When we open.");
ChatOptions options = new() { Tools = [price, opening], AllowMultipleToolCalls = question.AllowMultipleToolCalls };
using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 300 }, template).AsBuilder()
    .UseFunctionInvocation(configure: invoking => invoking.MaximumIterationsPerRequest = question.MostRounds).Build();

ChatResponse response = question.IsStreamed
    ? await client.GetStreamingResponseAsync("What does rye cost?", options).ToChatResponseAsync()
    : await client.GetResponseAsync("What does rye cost?", options);
File.WriteAllBytes(args[1], JsonSerializer.SerializeToUtf8Bytes(new Answer(
    response.Text, response.FinishReason?.Value, [.. response.Messages.Select(message => message.Role.Value)], [.. model.Prompts])));
