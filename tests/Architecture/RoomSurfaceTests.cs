using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

public sealed class RoomSurfaceTests
{
    private const string Distributed = $"{DirectionRules.Root}.Training.Distributed", Limits = $"{DirectionRules.Root}.ChatTemplates.RenderLimits";

    /// <summary>What is public for apps, or for who reads the projects alone, and why.</summary>
    private static readonly Dictionary<string, string> s_known = new()
    {
        [$"{Distributed}.CommunicationException"] = "what communicators throw, for apps to catch",
        [$"{Distributed}.MpiCommunicator"] = "for apps, which make one and hand it to a trainer",
        [$"{Distributed}.MpiOptions"] = "the same",
        [$"{Distributed}.NcclCommunicator"] = "the same",
        [$"{Distributed}.ProcessGroup"] = "the same",
        [$"{DirectionRules.Root}.Modeling.Native.TorchNativeLibrary.UseFolder"] = "for apps with a libtorch of their own",
        [$"{Limits}.AllocatedBytes"] = "a limit that its page documents",
        [$"{Limits}.Depth"] = "the same",
        [$"{Limits}.OutputCharacters"] = "the same",
        [$"{Limits}.Steps"] = "the same",
    };

    [Fact]
    public void Rooms_OfTheLibrary_ShowNoMoreThanOthersUse()
    {
        string[] unused =
        [
            .. LibraryAssemblies.Paths.Skip(1).SelectMany(path => RoomSurface.Unused(Assembly.LoadFrom(path), LibraryAssemblies.Paths[0])),
        ];

        unused.Where(name => !s_known.ContainsKey(name)).Should().BeEmpty("what only the project itself and its tests use is internal");
        s_known.Keys.Except(unused).Should().BeEmpty("what is used or gone need not be listed");
    }

    [Fact]
    public void Unused_OfAnotherAssembly_AreItsTypes() =>
        RoomSurface.Unused(typeof(PreferencePair).Assembly, LibraryAssemblies.Paths[1]).Should().Contain(typeof(PreferencePair).FullName);
}
