using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.AspNetCore;
using MiniMind.MLNet.Dpo.Bench.ServeSoak;

if (args.Contains("--help"))
{
    Console.WriteLine(SoakOptions.Help);
    return 0;
}
SoakOptions options = SoakOptions.Parse(args);
using PretrainedModel model = PretrainedModel.Load(options.Model);
ServingOptions serving = new() { MostTogether = options.Together };
using IChatClient bakery = model.AsChatClient(null, serving), baker = model.AsChatClient(model.GenerationDefaults with { Temperature = 0 }, serving);
Dictionary<string, IChatClient> clients = new() { ["bakery"] = bakery, ["baker"] = baker };
await using ChatServer server = await ChatServer.StartAsync(clients, new ChatServerOptions
{
    Urls = ["http://127.0.0.1:0"], Endpoints = new ChatEndpointOptions { MaxRequestBytes = 200_000 },
});
using HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { BaseAddress = server.Addresses[0] };
SoakUser user = new(http);
ConcurrentDictionary<string, int> kinds = new();
ConcurrentQueue<string> faults = [];
List<MemorySample> samples = [];
Stopwatch clock = Stopwatch.StartNew();

int step = Math.Max(1, options.Requests / 10);
for (int done = 0; done < options.Requests; done += step)
{
    int count = Math.Min(step, options.Requests - done), next = done;
    await Task.WhenAll(Enumerable.Range(0, options.Users).Select(async _ =>
    {
        for (int i = Interlocked.Increment(ref next); i <= done + count; i = Interlocked.Increment(ref next))
        {
            SoakRequest request = SoakRequest.Next(new Random(options.Seed * 1_000_003 + i));
            kinds.AddOrUpdate(request.Kind, 1, (_, asked) => asked + 1);
            if (await user.AskAsync(request) is { } fault)
                faults.Enqueue($"{request.Kind}: {fault}");
        }
    }));
    samples.Add(MemorySample.Now(done + count));
    Console.WriteLine(samples[^1]);
}

ServingStatus status = bakery.GetService<ServingStatus>()!;
for (int i = 0; i < 100 && status.Decoding + status.Waiting > 0; i++)
{
    await Task.Delay(50);
    status = bakery.GetService<ServingStatus>()!;
}
foreach ((string kind, int asked) in kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal))
    Console.WriteLine($"{asked,7} {kind}");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Requests / clock.Elapsed.TotalSeconds:F0} requests a second by {options.Users} users; "
    + $"{status.Decoding} decode, {status.Waiting} wait, {status.KeptBytes >> 20} MiB kept, {status.ReusedTokens} of prompts reused, {status.Passes} passes"));
foreach (string fault in faults.Take(10))
    Console.WriteLine($"amiss: {fault}");

// caches and pools fill at first
MemorySample early = samples[Math.Min(samples.Count - 1, samples.Count / 5)], last = samples[^1];
bool isFlat = last.Resident <= early.Resident * 1.1 + (16 << 20) && last.Managed <= early.Managed * 1.2 + (4 << 20) && last.Tensors <= early.Tensors + 64;
bool isIdle = status.Decoding == 0 && status.Waiting == 0;
Console.WriteLine($"{faults.Count} amiss; memory is {(isFlat ? "flat" : "NOT FLAT")}; {(isIdle ? "nothing is left running" : "SOMETHING IS LEFT RUNNING")}");
return faults.IsEmpty && isFlat && isIdle ? 0 : 1;
