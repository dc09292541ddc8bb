using System.Reflection;
using MakeQuickStart;
using MakeQuickStart.Bakery;
using MakeQuickStart.Bpe;
using MiniMind.MLNet.Dpo;

// Makes what examples/QuickStart ships: dotnet run -c Release --project eng/MakeQuickStart
// Data and tokenizer are the same bytes everywhere; the weights are, on one machine with the same number of threads.
if (args is not ([] or ["--data"] or ["--tally", _]))
{
    Console.Error.WriteLine("""
        usage: MakeQuickStart              preferences, tokenizer and model into examples/QuickStart
               MakeQuickStart --data       without the model
               MakeQuickStart --tally DIR  how the model in a folder answers the held-out questions
        """);
    return 1;
}
string root = typeof(Recipe).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;
string quickStart = Path.Combine(root, "examples", "QuickStart");
BakeryData data = Recipe.CreateData();
if (args is ["--tally", string folder])
{
    await TallyAsync(folder);
    return 0;
}

Recipe.WritePreferences(quickStart, data);
Console.WriteLine($"{data.Conversations.Count} conversations, {data.Train.Count} preferences to train on, {data.HeldOut.Count} held out");
string model = Path.Combine(quickStart, "model");
Vocabulary vocabulary = Recipe.WriteTokenizer(quickStart, data);
Console.WriteLine($"{vocabulary.Tokens.Count} tokens, {vocabulary.Merges.Count} merges");
if (args is ["--data"])
    return 0;

string conversations = Path.Combine(root, "runs", "quickstart", "sft.jsonl");
JsonLines.WriteConversations(conversations, data.Conversations);
BaseModel.Make(model, conversations, vocabulary.Tokens.Count);
await TallyAsync(model);
return 0;

async Task TallyAsync(string folder)
{
    using PretrainedModel asked = PretrainedModel.Load(folder);
    Console.WriteLine(await AnswerTally.OfAsync(asked, data.HeldOut));
}
