package io.hearth.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of docs/ARCHITECTURE.md, and where foreign libraries may be named. */
@AnalyzeClasses(packages = "io.hearth", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule arrows = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.hearth..")
            .layer("cache-protocol")
            .definedBy("io.hearth.protocol..")
            .layer("object-store")
            .definedBy("io.hearth.objectstore..")
            .layer("cache-client")
            .definedBy("io.hearth.client..")
            .layer("cluster-store")
            .definedBy("io.hearth.cluster..")
            .layer("cache-master")
            .definedBy("io.hearth.master..")
            .layer("prefetch")
            .definedBy("io.hearth.prefetch..")
            .layer("cache-worker")
            .definedBy("io.hearth.worker..")
            .layer("fuse-client")
            .definedBy("io.hearth.fuse..")
            .layer("embedded-store")
            .definedBy("io.hearth.embedded..")
            .layer("testing")
            .definedBy("io.hearth.testing..")
            .layer("launcher")
            .definedBy("io.hearth.launcher..")
            .optionalLayer("bench")
            .definedBy("io.hearth.bench..")
            .whereLayer("cache-protocol")
            .mayNotAccessAnyLayer()
            .whereLayer("object-store")
            .mayOnlyAccessLayers("cache-protocol")
            .whereLayer("cache-client")
            .mayOnlyAccessLayers("object-store", "cache-protocol")
            .whereLayer("cluster-store")
            .mayOnlyAccessLayers("cache-protocol")
            .whereLayer("cache-master")
            .mayOnlyAccessLayers("cluster-store", "object-store", "cache-protocol")
            .whereLayer("prefetch")
            .mayOnlyAccessLayers("cache-master", "cluster-store", "cache-client", "cache-protocol")
            .whereLayer("cache-worker")
            .mayOnlyAccessLayers("cache-client", "object-store", "cache-protocol")
            .whereLayer("fuse-client")
            .mayOnlyAccessLayers("cache-client", "cache-protocol")
            .whereLayer("embedded-store")
            .mayOnlyAccessLayers("object-store", "cache-protocol")
            .whereLayer("testing")
            .mayOnlyBeAccessedByLayers("bench")
            .whereLayer("launcher")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("bench")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule igniteStaysInTheClusterStore =
            onlyIn("io.hearth.cluster..", "org.apache.ignite..", "javax.cache..");

    @ArchTest
    static final ArchRule theSdkStaysInItsAdapter =
            onlyIn("io.hearth.objectstore.s3..", "software.amazon..", "org.reactivestreams..");

    @ArchTest
    static final ArchRule theOriginEngineServesAnyStore = noClasses()
            .that()
            .resideInAPackage("io.hearth.objectstore.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.hearth.objectstore.s3..");

    @ArchTest
    static final ArchRule storesAreOneAttemptEach = noClasses()
            .that()
            .resideInAPackage("io.hearth.objectstore..")
            .and()
            .resideOutsideOfPackage("io.hearth.objectstore.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.hearth.objectstore.engine..");

    @ArchTest
    static final ArchRule fuseStaysInTheMount = onlyIn("io.hearth.fuse..", "ru.serce..");

    @ArchTest
    static final ArchRule nativeCallsStayInTheMountAndInFewClassesOfTheWorker = noClasses()
            .that()
            .resideOutsideOfPackage("io.hearth.fuse..")
            .and()
            .haveNameNotMatching(
                    "io\\.hearth\\.worker\\.(tier\\.(FileCalls|HugePages|Punch)|descriptor\\.(DeviceBacking|KernelCalls|PeerProcess|ReadOnlyMount))(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..");

    @ArchTest
    static final ArchRule s3ProxyStaysInTheEmbeddedStore =
            onlyIn("io.hearth.embedded..", "org.gaul..", "org.jclouds..", "org.eclipse.jetty..");

    @ArchTest
    static final ArchRule theProtocolHasNoEventLoop = noClasses()
            .that()
            .resideInAPackage("io.hearth.protocol..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "com.linecorp..", "java.net.http..");

    @ArchTest
    static final ArchRule serversAreNamedByProcessesAlone = noClasses()
            .that()
            .resideInAnyPackage("io.hearth.launcher..")
            .and()
            .resideOutsideOfPackages("io.hearth.launcher.process..", "io.hearth.launcher.quickstart..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hearth.master..",
                    "io.hearth.prefetch..",
                    "io.hearth.worker..",
                    "io.hearth.cluster..",
                    "io.hearth.embedded..");

    @ArchTest
    static final ArchRule noStaticStateChanges = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .resideInAPackage("io.hearth..")
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule rolesHaveNames = classes()
            .should()
            .haveSimpleNameNotEndingWith("Manager")
            .andShould()
            .haveSimpleNameNotEndingWith("Helper")
            .andShould()
            .haveSimpleNameNotEndingWith("Util")
            .andShould()
            .haveSimpleNameNotEndingWith("Utils")
            .andShould()
            .haveSimpleNameNotEndingWith("Impl");

    private static ArchRule onlyIn(String ours, String... foreign) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(ours)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(foreign);
    }
}
