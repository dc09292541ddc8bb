using System.Reflection;
using MakeQuickStart;
using MakeQuickStart.Bakery;
using MakeQuickStart.Bpe;

// Makes what examples/QuickStart ships: dotnet run -c Release --project eng/MakeQuickStart [-- FOLDER]
if (args.Length > 1 || args is ["--help" or "-h"])
{
    Console.Error.WriteLine("usage: MakeQuickStart [FOLDER]    (default: examples/QuickStart)");
    return 1;
}
string folder = args is [string given]
    ? given
    : typeof(Recipe).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "QuickStartFolder").Value!;

BakeryData data = Recipe.WriteData(folder);
Console.WriteLine($"{data.Conversations.Count} conversations, {data.Train.Count} preferences to train on, {data.HeldOut.Count} held out");
Vocabulary vocabulary = Recipe.WriteTokenizer(folder, data);
Console.WriteLine($"{vocabulary.Tokens.Count} tokens, {vocabulary.Merges.Count} merges");
return 0;
