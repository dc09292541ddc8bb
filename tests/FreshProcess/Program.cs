using Microsoft.ML;

// arguments, four for each model: a saved model, input rows (binary), where to write the scored rows, where to save the model again
string[] loadedBefore = Ours();
if (loadedBefore.Length > 0)
    throw new InvalidOperationException($"{string.Join(", ", loadedBefore)} is in the process before the model is loaded.");

MLContext context = new();
foreach (string[] paths in args.Chunk(4))
{
    ITransformer model = context.Model.Load(paths[0], out DataViewSchema inputSchema);
    IDataView scored = model.Transform(context.Data.LoadFromBinary(paths[1]));
    using (FileStream file = File.Create(paths[2]))
        context.Data.SaveAsBinary(scored, file);
    context.Model.Save(model, inputSchema, paths[3]);
}
Console.WriteLine(string.Join(", ", Ours()));

static string[] Ours() =>
    [.. AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!).Where(name => name == "MiniMind.MLNet.Dpo")];
